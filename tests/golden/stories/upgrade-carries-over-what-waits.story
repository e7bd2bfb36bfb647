downbeat trace 2 {}
# Between the last GET and the upgrade packet Bob plays. What waits for Ada goes out on her
# WebSocket, in order, once, and before what comes later.
> get 1
> post 2 &sid={sid 1}
> body 2 40␞42["session:create",{"name":"Ada"}]
> get 3 &sid={sid 1}
> websocket 4
> text 4 40
> text 4 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
> get 5 &sid={sid 1}
? session:user-joined
> websocket 6 &sid={sid 1}
> text 6 2probe
+10 > text 4 42["session:event",{"type":"one"}]
! send 6
+10 > text 4 451-["session:event",{"type":"two","data":{"_placeholder":true,"num":0}}]
> binary 4 {"base64":"AP8="}
! send 6
+10 > text 6 5
? send 6 42["session:event",{"userId":"{id 4}","type":"one"}]
? send-binary 6 "AP8="
+10 > text 4 42["session:event",{"type":"three"}]
? send 6 42["session:event",{"userId":"{id 4}","type":"three"}]
! one
