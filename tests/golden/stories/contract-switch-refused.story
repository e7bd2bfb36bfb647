downbeat trace 2 {"maxParticipants":2}
# A change that fails changes nothing: Bob stays where he was.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> websocket 3
> text 3 40
> websocket 4
> text 4 40
> text 1 42["session:create",{"name":"Alice"}]
> text 2 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
> text 3 42["session:create",{"name":"Carol"}]
> text 4 42["session:join",{"roomCode":"{room 3}","name":"Dave"}]

+1000 > text 2 42["session:join",{"roomCode":"{room 3}","name":"Bob"}]
? "error",{"message":"Session is full","code":"session_full","event":"session:join"}
! send 1
! send 3
+1000 > text 2 42["session:join",{"roomCode":"NOWHERE-99","name":"Bob"}]
? session_not_found
! send 1
+1000 > text 2 42["session:create",{"name":""}]
? invalid_payload
! send 1
+1000 > text 2 42["session:event",{"type":"still here"}]
? send 1
