downbeat trace 2 {}
# During an upgrade a second WebSocket is closed; the first goes on and takes over. After that, one
# more is closed as well, and the session does not mind.
> get 1
> post 2 &sid={sid 1}
> body 2 40
> get 3 &sid={sid 1}
> websocket 4 &sid={sid 1}
> text 4 2probe
+10 > websocket 5 &sid={sid 1}
? accept 5
? close 5 1005
! close 4
+10 > text 4 5
+10 > websocket 6 &sid={sid 1}
? close 6 1005
! close 4
+10 > text 4 42["session:create",{"name":"Ada"}]
? send 4
