downbeat trace 2 {}
# Nobody fetches the close; after 30 s it is dropped.
> get 1
> post 2 &sid={sid 1}
> body 2 49
? protocol error
? wait 30000
> deadline
! wait 
+10 > get 3 &sid={sid 1}
? respond 3 400 {"code":1
