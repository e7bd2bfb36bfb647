downbeat trace 2 {}
# The second WebSocket is lost, before the probe and after it. Polling goes on as if nothing had
# been, and its GET is not released any more.
> get 1
> post 2 &sid={sid 1}
> body 2 40
> get 3 &sid={sid 1}
> get 4 &sid={sid 1}
> websocket 5 &sid={sid 1}
+10 > closed 5
! respond
! report
> websocket 6 &sid={sid 1}
> text 6 2probe
+10 > closed 6
? wait 25000
+500 > post 7 &sid={sid 1}
> body 7 42["session:create",{"name":"Ada"}]
? respond 4 200 42["session:created"
