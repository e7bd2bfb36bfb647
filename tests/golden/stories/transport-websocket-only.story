downbeat trace 2 {}
# A client that begins on a WebSocket: open packet, no upgrades to offer, and one packet a message.
> websocket 1
? accept 1
? send 1 0{"sid":"{sid 1}","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":65536}
+5 > text 1 40{"name":"Ada"}
? send 1 40{"sid":"{id 1}"}
# The public id says nothing of the private one.
! {sid 1}
+100 > text 1 42["session:create",{"name":"Ada"}]
? send 1 42["session:created"
# A ping every 25 s, counted from the last pong.
> deadline
? send 1 2
+30 > text 1 3
> deadline
? send 1 2
+30 > text 1 3
+1000 > closed 1
? "reason":"transport close"
! close 1
! wait 
