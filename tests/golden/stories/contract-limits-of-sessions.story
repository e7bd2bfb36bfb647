downbeat trace 2 {"maxSessions":1,"maxParticipants":2}
# One session, two participants: what is beyond is refused with a clear error, until somebody goes.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> websocket 3
> text 3 40
> text 1 42["session:create",{"name":"Alice"}]
> text 2 421["session:create",{"name":"Bob"}]
? 431[{"ok":false,"error":{"message":"Server is full","code":"server_full"}}]
> text 2 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
> text 3 421["session:join",{"roomCode":"{room 1}","name":"Carol"}]
? 431[{"ok":false,"error":{"message":"Session is full","code":"session_full"}}]
? {"what":"join failed","room":"{room 1}","user":"{id 3}","reason":"Session is full"}
+100 > closed 2
> text 3 42["session:join",{"roomCode":"{room 1}","name":"Carol"}]
? session:joined
