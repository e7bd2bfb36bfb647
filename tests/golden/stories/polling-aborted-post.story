downbeat trace 2 {}
# The same for a POST whose body never comes. The pending GET gets a close packet.
> get 1
> get 2 &sid={sid 1}
> post 3 &sid={sid 1}
+100 > aborted 3
? respond 2 200 1
? transport error
+10 > get 4 &sid={sid 1}
? respond 4 400 {"code":1
