downbeat trace 2 {}
# AC 3. Charlie tries a code that no session has. He gets an error, and is in no session.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> text 1 42["session:create",{"name":"Alice"}]

+1000 > text 2 42["session:join",{"roomCode":"INVALID-99","name":"Charlie"}]
? send 2 42["error",{"message":"Session not found","code":"session_not_found","event":"session:join"}]
? {"what":"join failed","room":"INVALID-99","user":"{id 2}","reason":"Session not found"}
! send 1

# What Alice plays does not reach him, and he has nothing to leave.
+1000 > text 1 42["session:event",{"type":"note"}]
! send 2
+1000 > text 2 42["session:leave",{"roomCode":"{room 1}"}]
? not_in_session
