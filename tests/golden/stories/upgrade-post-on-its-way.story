downbeat trace 2 {}
# The upgrade packet overtakes a POST whose body is still on its way. Its packets count.
> get 1
> post 2 &sid={sid 1}
> body 2 40
> get 3 &sid={sid 1}
> websocket 4 &sid={sid 1}
> text 4 2probe
+10 > post 5 &sid={sid 1}
+10 > text 4 5
! respond
+10 > body 5 42["session:create",{"name":"Ada"}]
? send 4 42["session:created"
? respond 5 200 ok
