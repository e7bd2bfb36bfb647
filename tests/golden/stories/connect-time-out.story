downbeat trace 2 {"connectTimeout":45000}
# A client that joins no namespace in 45 s is closed, though pings are answered and though a
# namespace was asked for and refused. On polling the close waits for the next GET.
> websocket 1
> text 1 40/custom,
> get 2
> deadline
? send 1 2
> text 1 3
> get 3 &sid={sid 2}
? respond 3 200 2
> post 4 &sid={sid 2}
> body 4 3
? wait 45000
> deadline
? connect timeout
? close 1 1005
+10 > get 5 &sid={sid 2}
? respond 5 200 1
