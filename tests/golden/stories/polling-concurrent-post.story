downbeat trace 2 {}
# Two POSTs at once are against the rules too: the second is refused, the first one's connection
# cut, and the pending GET gets the close.
> get 1
> get 2 &sid={sid 1}
> post 3 &sid={sid 1}
+10 > post 4 &sid={sid 1}
? respond 4 400
? cut 3
? respond 2 200 1
# A host that was still reading may report the body all the same.
+10 > body 3 40
! respond
