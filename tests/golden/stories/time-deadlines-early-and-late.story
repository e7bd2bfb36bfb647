downbeat trace 1 {}
# Deadlines that come early or late do no harm. A host that slept through a pong's arrival hears
# the pong first, if it tells of it first.
> websocket 1
> text 1 40
+1 > deadline
! send
? wait 25000
# Ten seconds late: the ping goes out now, and the pong has all of its time.
+34999 > deadline
? send 1 2
? wait 55000
# An hour's sleep. The pong had come in time, and is told of before the deadline.
+3600000 > text 1 3
? wait 3660000
> deadline
? send 1 2
