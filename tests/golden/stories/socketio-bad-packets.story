downbeat trace 2 {}
# Socket.IO packets that no client sends: each closes the connection that it came on, and says in
# the log what was wrong.
> websocket 1
> text 1 49
? close 1 1005
? unknown packet type
> websocket 2
> text 2 40[]
? invalid payload
> websocket 3
> text 3 42["session:create",{"name":"early"}]
? packet for a namespace that was not joined
> websocket 4
> text 4 40
> text 4 40
? second CONNECT to a namespace
> websocket 5
> text 5 40
> text 5 42["connect"]
? close 5
> websocket 6
> text 6 40
> text 6 42["session:create",
? invalid JSON
> websocket 7
> text 7 40
> text 7 44
? close 7
> websocket 8
> text 8 40
> text 8 4
? close 8
> websocket 9
> text 9 40
> text 9 42["\ud800",{}]
! close
