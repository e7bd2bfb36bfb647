downbeat trace 2 {"pingInterval":1000000,"reconnectGrace":60}
# A lost connection is not a leave. Ada's phone locks, and her seat is kept.
> websocket 1
> text 1 40
? "pid"
> text 1 42["session:create",{"name":"Ada"}]
> websocket 2
> text 2 40
> text 2 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
+1000 > closed 1
? send 2 42["session:user-left",{"userId":"{id 1}","away":true,"graceMs":60000}]
? send 2 42["session:host-changed",{"hostId":"{id 2}","acting":true}]
? "participant away"

# She comes back as herself, and as host.
+10000 > websocket 3
> text 3 40{"pid":"{pid 1}"}
? "resumed":true
? send 2 42["session:user-joined",{"user":{"id":"{id 1}","name":"Ada","instrument":"unknown"},"back":true,"after":null}]
? send 2 42["session:host-changed",{"hostId":"{id 1}"}]

# A second tab takes the seat over. Bob sees nothing of it.
> websocket 4
> text 4 40{"pid":"{pid 1}"}
? send 3 42["session:ended",{"roomCode":"{room 1}","reason":"taken_over"}]
? send 3 41
! send 2

# Ada is lost for longer than the grace.
> closed 4
> deadline
? send 2 42["session:user-gone",{"userId":"{id 1}","reason":"expired"}]
? send 2 42["session:host-changed",{"hostId":"{id 2}"}]
> websocket 5
> text 5 40{"pid":"{pid 1}"}
? send 5 42["session:ended",{"reason":"expired"}]
