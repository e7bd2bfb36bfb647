downbeat trace 2 {}
# Two GETs at once are against the rules: the second is refused, the first gets the close.
> get 1
> get 2 &sid={sid 1}
+10 > get 3 &sid={sid 1}
? respond 3 400
? respond 2 200 1
+10 > get 4 &sid={sid 1}
? respond 4 400 {"code":1
