downbeat trace 2 {}
# A polling client says goodbye: its POST is answered, its pending GET with a noop, and its session
# is gone.
> get 1
> post 2 &sid={sid 1}
> body 2 40
> get 3 &sid={sid 1}
> get 4 &sid={sid 1}
+1000 > post 5 &sid={sid 1}
> body 5 41␞1
? respond 5 200 ok
? respond 4 200 6
? "client namespace disconnect"
+10 > get 6 &sid={sid 1}
? respond 6 400 {"code":1,"message":"Session ID unknown"}
