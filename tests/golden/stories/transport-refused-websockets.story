downbeat trace 2 {}
# WebSockets are refused with a plain response, or accepted and closed where a client could not
# read that.
> websocket 1 EIO=4
? refuse 1 400 "Transport unknown"
> websocket 2 &sid=nobody
? refuse 2 400 "Session ID unknown"
> websocket 3 {"origin":"http://a\u0007b"}
? refuse 3 400 "Bad request"
> websocket 4 EIO=3&transport=websocket
? accept 4
? close 4 1006
> websocket 5 EIO=4&transport=polling
? accept 5
? close 5 1005
