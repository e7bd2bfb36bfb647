downbeat trace 2 {}
# A GET that is aborted means that its client is gone: the session is closed at once.
> get 1
> post 2 &sid={sid 1}
> body 2 40␞42["session:create",{"name":"Ada"}]
> get 3 &sid={sid 1}
> get 4 &sid={sid 1}
+100 > aborted 4
? "session closed"
? transport error
! respond
+10 > get 5 &sid={sid 1}
? respond 5 400 {"code":1
