downbeat trace 2 {}
# The last one leaves, and the session is gone in the same step: its code leads nowhere.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> text 1 42["session:create",{"name":"Alice"}]
+1000 > text 1 42["session:leave",{"roomCode":"{room 1}"}]
? {"what":"session closed","room":"{room 1}"}
! host-changed
+1000 > text 2 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
? Session not found

# The same when the last one is lost.
+1000 > text 2 42["session:create",{"name":"Bob"}]
+1000 > closed 2
? {"what":"session closed","room":"{room 2}"}
+1000 > text 1 42["session:join",{"roomCode":"{room 2}","name":"Alice"}]
? Session not found
