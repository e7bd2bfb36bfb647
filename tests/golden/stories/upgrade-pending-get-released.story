downbeat trace 2 {}
# While the client is probing, a GET is released every 100 ms, and not before the probe. One that
# has something to say is answered at once.
> get 1
> post 2 &sid={sid 1}
> body 2 40
> get 3 &sid={sid 1}
> get 4 &sid={sid 1}
> websocket 5 &sid={sid 1}
+3000 > deadline
! respond
+0 > text 5 2probe
! respond
> deadline
? respond 4 200 6
+10 > get 6 &sid={sid 1}
> deadline
? respond 6 200 6
# At the next interval no GET waits, and nothing happens.
> deadline
! respond
+10 > get 7 &sid={sid 1}
+10 > post 8 &sid={sid 1}
> body 8 42["session:create",{"name":"Ada"}]
? respond 7 200 42["session:created"
! send 5
