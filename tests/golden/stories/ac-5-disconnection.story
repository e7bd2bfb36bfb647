downbeat trace 2 {}
# AC 5. Bob, Carol and Dave each vanish in another way; the others get session:user-left.
> websocket 1
> text 1 40
> text 1 42["session:create",{"name":"Alice"}]
> websocket 2
> text 2 40
> text 2 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
> websocket 3
> text 3 40
> text 3 42["session:join",{"roomCode":"{room 1}","name":"Carol"}]
# Dave is on polling, with a GET pending.
> get 4
> post 5 &sid={sid 4}
> body 5 40␞42["session:join",{"roomCode":"{room 1}","name":"Dave"}]
> get 6 &sid={sid 4}
? session:joined
> get 7 &sid={sid 4}

# Bob closes his browser.
+1000 > closed 2
? send 1 42["session:user-left",{"userId":"{id 2}"}]
? send 3 42["session:user-left",{"userId":"{id 2}"}]
? respond 7 200
? {"what":"client disconnected","user":"{id 2}","reason":"transport close"}
> get 8 &sid={sid 4}

# Carol calls disconnect(); her connection may live on.
+1000 > text 3 41
? {"userId":"{id 3}"}
? "client namespace disconnect"
! close 3
> get 9 &sid={sid 4}

# Dave's network is lost while his GET waits.
+1000 > aborted 9
? send 1 42["session:user-left",{"userId":"{id 4}"}]
? "transport error"
! send 3
