downbeat trace 2 {}
# The host stops. WebSockets are closed, pending GETs answered, upgrades given up; a POST on its
# way is accepted; a session without a GET gets the close with its next one. No client is accepted.
> websocket 1
> text 1 40
> text 1 42["session:create",{"name":"Alice"}]
> websocket 2
> text 2 40
> text 2 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
> get 3
> get 4 &sid={sid 3}
> get 5
> post 6 &sid={sid 5}
> websocket 7 &sid={sid 5}
> text 7 2probe
+1000 > shutdown
? close 1 1005
? close 2 1005
? respond 4 200 1
? respond 6 200 ok
? close 7 1005
? "server shutting down"
? "session closed"
+10 > get 8 &sid={sid 5}
? respond 8 200 1
! wait 
+10 > get 9
? respond 9 503 {"code":4,"message":"Server is shutting down"}
+10 > websocket 10
? refuse 10 503 "Server is shutting down"
# A second request to stop changes nothing.
+10 > shutdown
! close
