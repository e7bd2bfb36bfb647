downbeat trace 2 {}
# Bob falls silent. He is pinged at 25 s and closed at 45 s, to the millisecond; Alice, who answers
# hers, gets session:user-left.
> websocket 1
> text 1 40
> text 1 42["session:create",{"name":"Alice"}]
> websocket 2
> text 2 40
> text 2 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
> deadline
? send 1 2
? send 2 2
+20 > text 1 3
? wait 45000
+19979 > deadline
! close
+1 > deadline
? close 2 1005
? send 1 42["session:user-left",{"userId":"{id 2}"}]
? "reason":"ping timeout"
? wait 50020
