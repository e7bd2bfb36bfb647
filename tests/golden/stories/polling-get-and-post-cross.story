downbeat trace 2 {}
# A GET and a POST of one client cross, in both orders; each is answered as if it were alone.
> get 1
> post 2 &sid={sid 1}
> get 3 &sid={sid 1}
! respond
> body 2 40
? respond 3 200 40{"sid":"{id 1}"}
? respond 2 200 ok
> post 4 &sid={sid 1}
> body 4 420["session:create",{"name":"Ada"}]
> get 5 &sid={sid 1}
? respond 5 200 42["session:created"
