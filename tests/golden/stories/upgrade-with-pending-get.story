downbeat trace 2 {}
# A client that does not wait for its GET: the upgrade releases it with a noop.
> get 1
> post 2 &sid={sid 1}
> body 2 40
> get 3 &sid={sid 1}
> get 4 &sid={sid 1}
> websocket 5 &sid={sid 1}
> text 5 2probe
+50 > text 5 5
? respond 4 200 6
+50 > text 5 42["session:create",{"name":"Ada"}]
? send 5
