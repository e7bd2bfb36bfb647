downbeat trace 2 {"maxEventsPerSecond":2}
# Two events a second, and three times as many at once after a rest. What is too much is refused to
# the caller; the others get nothing of it, and Bob has a rate limiter of his own.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> text 1 42["session:create",{"name":"Alice"}]
> text 2 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
+10000 > text 1 42["session:event",{"type":"1"}]
> text 1 42["session:event",{"type":"2"}]
> text 1 42["session:event",{"type":"3"}]
> text 1 42["session:event",{"type":"4"}]
> text 1 42["session:event",{"type":"5"}]
> text 1 42["session:event",{"type":"6"}]
? send 2
> text 1 427["session:event",{"type":"7"}]
? send 1 42["error",{"message":"Too many requests, try again later","code":"rate_limited","event":"session:event"}]
? 437[{"ok":false
! send 2
> text 2 42["session:event",{"type":"mine"}]
? send 1 42["session:event"
# Half a second later there is room for one more, to the millisecond.
+499 > text 1 42["session:event",{"type":"too early"}]
? rate_limited
+1 > text 1 42["session:event",{"type":"in time"}]
? send 2
> text 1 42["session:event",{"type":"too early again"}]
? rate_limited
