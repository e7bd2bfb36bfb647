downbeat trace 2 {"maxJoinsPerMinute":3,"maxFailedJoinsPerMinute":2,"maxFailedJoinsPerHourByAddress":3}
# Guessing codes does not pay: after two failed joins in a minute a socket may not even try, and
# after three in an hour an address. The right code is refused as well, so nothing is learned.
> websocket 1 {"address":"192.0.2.1"}
> text 1 40
> text 1 42["session:create",{"name":"Alice"}]
> websocket 2 {"address":"192.0.2.7"}
> text 2 40
> websocket 3 {"address":"192.0.2.7"}
> text 3 40
+1000 > text 2 42["session:join",{"roomCode":"NOWHERE-22","name":"Eve"}]
? session_not_found
> text 2 42["session:join",{"roomCode":"NOWHERE-23","name":"Eve"}]
? session_not_found
> text 2 421["session:join",{"roomCode":"NOWHERE-24","name":"Eve"}]
? 431[{"ok":false,"error":{"message":"Too many requests, try again later","code":"rate_limited"}}]
! join failed
> text 2 42["session:join",{"roomCode":"{room 1}","name":"Eve"}]
? rate_limited
! send 1
# Another socket from the same address has one try left.
> text 3 42["session:join",{"roomCode":"NOWHERE-25","name":"Eve"}]
? session_not_found
> text 3 42["session:join",{"roomCode":"{room 1}","name":"Eve"}]
? rate_limited
# Twenty minutes later one failure of each is forgiven.
+1200000 > text 3 42["session:join",{"roomCode":"{room 1}","name":"Eve"}]
? session:joined
