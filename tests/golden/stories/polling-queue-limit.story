downbeat trace 2 {"maxQueuedBytes":200}
# Ada is on polling, and does not come for what Bob plays. Past 200 bytes her session is closed, and
# Bob, whom it has not held up, gets session:user-left.
> get 1
> post 2 &sid={sid 1}
> body 2 40␞42["session:create",{"name":"Ada"}]
> get 3 &sid={sid 1}
> websocket 4
> text 4 40
> text 4 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
+10 > text 4 42["session:event",{"type":"one"}]
! closed
+10 > text 4 42["session:event",{"type":"two","data":"0123456789012345678901234567890123456789"}]
? send 4 42["session:user-left",{"userId":"{id 1}"}]
? slow reader
+10 > get 5 &sid={sid 1}
? respond 5 400 {"code":1
