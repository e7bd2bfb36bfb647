downbeat trace 2 {}
# AC 1. Alice creates a session: she gets session:created with its code and her own id, and nobody
# else gets anything. The log has one line about it.

# Alice and a stranger connect.
> websocket 1
> text 1 40
? "sid"
> websocket 2
> text 2 40

+1000 > text 1 42["session:create",{"name":"Alice"}]
? send 1 42["session:created",{"roomCode":"{room 1}","userId":"{id 1}"}]
? {"what":"session created","room":"{room 1}","user":"{id 1}","name":"Alice"}
! send 2
