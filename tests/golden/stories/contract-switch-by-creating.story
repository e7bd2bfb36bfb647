downbeat trace 2 {"maxSessions":2}
# Alice, host of a session with Bob, creates another one. The first goes on with Bob as host.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> websocket 3
> text 3 40
> text 1 42["session:create",{"name":"Alice"}]
> text 2 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
+1000 > text 1 421["session:create",{"name":"Alice"}]
? send 1 42["session:created"
? send 2 42["session:user-left",{"userId":"{id 1}"}]
? send 2 42["session:host-changed",{"hostId":"{id 2}"}]

# The server is full now. Carol may not create; Alice, who is alone, may, since hers ends with it.
+1000 > text 3 42["session:create",{"name":"Carol"}]
? server_full
+1000 > text 1 42["session:create",{"name":"Alice"}]
? "session created"
? "session closed"
