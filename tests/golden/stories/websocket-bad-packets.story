downbeat trace 2 {}
# What is no packet closes a WebSocket, whatever it is; what means nothing from a client does not.
> websocket 1
> text 1 hello
? close 1 1005
? parse error
> websocket 2
> text 2
? close 2 1005
> websocket 3
> text 3 2
? close 3 1005
? transport error
> websocket 4
> text 4 {"base64":"NP8="}
? close 4 1007
> websocket 5
> too-large 5
? close 5 1009
> websocket 6
> text 6 0
> text 6 3
> text 6 5
> text 6 6
> text 6 40
? send 6 40
# The host may still report of those that were closed before it knew.
> text 1 40
> too-large 1
> closed 1
! send
! report
