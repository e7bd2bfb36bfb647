downbeat trace 2 {}
# The packet 1 on a WebSocket closes it at once.
> websocket 1
> text 1 40
+10 > text 1 1
? close 1 1005
? "reason":"transport close"
! wait 
