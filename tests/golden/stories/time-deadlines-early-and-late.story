downbeat trace 2 {}
# Deadlines that come early or late do no harm. If a host slept through a pong's arrival, the
# pong counts when the host gives it to the engine before the deadline.
> websocket 1
> text 1 40
+1 > deadline
! send
? wait 25000
# Ten seconds late: the ping goes out now, and the pong has all of its time.
+34999 > deadline
? send 1 2
? wait 55000
# An hour's sleep. The pong had come in time, and is an input before the deadline.
+3600000 > text 1 3
? wait 3660000
> deadline
? send 1 2
