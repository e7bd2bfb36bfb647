downbeat trace 2 {}
# Every way in which a request can be refused, in the order in which they are looked for.
> get 1 EIO=4
? respond 1 400 {"code":0,"message":"Transport unknown"}
> get 2 EIO=4&transport=pigeon
? {"code":0
> request 3 {"origin":"http://a\u0001b"}
? respond 3 400 {"code":3,"message":"Bad request"}
> get 4 &sid=nobody
? respond 4 400 {"code":1,"message":"Session ID unknown"}
> post 5
? respond 5 400 {"code":2,"message":"Bad handshake method"}
> options 6
? {"code":2
> get 7 EIO=4&transport=websocket
? {"code":3
> get 8 EIO=3&transport=polling
? respond 8 400 {"code":5,"message":"Unsupported protocol version"}
> get 9 transport=polling
? {"code":5

# With a session: another transport without an upgrade, another version, another method.
> get 10
> get 11 EIO=4&transport=websocket&sid={sid 10}
? {"code":3
> get 12 EIO=3&transport=polling&sid={sid 10}
? {"code":3
> other 13 &sid={sid 10}
? respond 13 500
# None of this has hurt it. Order, case and escapes of a query do not matter where they should not.
> get 14 t=x&sid={sid 10}&transport=poll%69ng&EIO=4
! respond 14
