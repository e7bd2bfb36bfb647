downbeat trace 2 {}
# The session ends during an upgrade: both transports are closed.
> get 1
> post 2 &sid={sid 1}
> body 2 40
> get 3 &sid={sid 1}
> get 4 &sid={sid 1}
> websocket 5 &sid={sid 1}
> text 5 2probe
+10 > post 6 &sid={sid 1}
> body 6 1
? close 5 1005
? respond 4 200 6
? respond 6 200 ok
# On another connection a GET is aborted during an upgrade: the session goes, and the WebSocket
# with it.
> get 7
> get 8 &sid={sid 7}
> websocket 9 &sid={sid 7}
+10 > aborted 8
? close 9 1005
