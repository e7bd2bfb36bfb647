downbeat trace 2 {"maxPayload":100}
# A body that is too large is refused, and the session survives it. So it does any body that the
# host may have delivered up to the limit.
> get 1
? "maxPayload":100
> get 2 &sid={sid 1}
> post 3 &sid={sid 1}
+10 > body-too-large 3
? respond 3 413
! respond 2
+10 > post 4 &sid={sid 1}
> body 4 40
? respond 2 200 40
# A POST of bytes is of another version of the protocol.
+10 > request 5 {"method":"POST","query":"EIO=4&transport=polling&sid={sid 1}","contentType":"application/octet-stream"}
? respond 5 400
? transport error
+10 > get 6 &sid={sid 1}
? respond 6 400 {"code":1
