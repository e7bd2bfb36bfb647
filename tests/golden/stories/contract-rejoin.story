downbeat trace 2 {"maxParticipants":2}
# Joining one's own session answers again and notifies nobody, even if it is full. The name that is
# given this time does not count; session:update is for that.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> text 1 42["session:create",{"name":"Alice"}]
> text 2 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
+1000 > text 2 421["session:join",{"roomCode":"{room 1}","name":"Bobby"}]
? send 2 42["session:joined"
? "name":"Bob"
? 431[{"ok":true
! Bobby
! send 1
! report
+1000 > text 1 42["session:join",{"roomCode":"{room 1}","name":"Alice"}]
? "hostId":"{id 1}"
! send 2
