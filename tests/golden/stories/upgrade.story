downbeat trace 2 {}
# A stock client: it begins on polling, opens a WebSocket beside it, probes it, waits for its GET
# to end, and changes over.
> get 1
+5 > post 2 &sid={sid 1}
> body 2 40
+5 > get 3 &sid={sid 1}
+5 > get 4 &sid={sid 1}
+5 > websocket 5 &sid={sid 1}
? accept 5
! send 5
+5 > text 5 2probe
? send 5 3probe
# The pending GET is released 100 ms later; then nothing stands in the way.
> deadline
? respond 4 200 6
+1 > text 5 5
! close
+5 > text 5 42["session:create",{"name":"Ada"}]
? send 5 42["session:created"
# Polling is over for this session.
+5 > get 6 &sid={sid 1}
? respond 6 400 {"code":3,"message":"Bad request"}
+5 > post 7 &sid={sid 1}
? respond 7 400 {"code":3,"message":"Bad request"}
+5 > text 5 42["session:update",{"instrument":"tuba"}]
! close
# Its pings come on the WebSocket now, when they were due anyway.
> deadline
? send 5 2
