downbeat trace 2 {}
# The same on polling: whether a GET waits or not, the session is closed at 45 s.
> get 1
> post 2 &sid={sid 1}
> body 2 40
> get 3 &sid={sid 1}
> get 4 &sid={sid 1}
> get 5
> post 6 &sid={sid 5}
> body 6 40
> get 7 &sid={sid 5}
> deadline
? respond 4 200 2
# One fetches the next GET, and never sends its pong; the other one does nothing at all.
+10 > get 8 &sid={sid 1}
> deadline
? "ping timeout"
? respond 8 200 1
! wait 
+10 > get 9 &sid={sid 5}
? respond 9 400 {"code":1
