downbeat trace 2 {}
# A full session of ten. What is sent to all of them is sent in the order of their joining, which is
# not that of their connecting. A table that has no order of its own would betray itself here.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> websocket 3
> text 3 40
> websocket 4
> text 4 40
> websocket 5
> text 5 40
> websocket 6
> text 6 40
> websocket 7
> text 7 40
> websocket 8
> text 8 40
> websocket 9
> text 9 40
> websocket 10
> text 10 40
> text 4 42["session:create",{"name":"Dave"}]
+1 > text 9 42["session:join",{"roomCode":"{room 4}","name":"Ivan"}]
+1 > text 1 42["session:join",{"roomCode":"{room 4}","name":"Alice"}]
+1 > text 7 42["session:join",{"roomCode":"{room 4}","name":"Grace"}]
+1 > text 10 42["session:join",{"roomCode":"{room 4}","name":"Judy"}]
+1 > text 2 42["session:join",{"roomCode":"{room 4}","name":"Bob"}]
+1 > text 6 42["session:join",{"roomCode":"{room 4}","name":"Frank"}]
+1 > text 3 42["session:join",{"roomCode":"{room 4}","name":"Carol"}]
+1 > text 8 42["session:join",{"roomCode":"{room 4}","name":"Heidi"}]
+1 > text 5 42["session:join",{"roomCode":"{room 4}","name":"Erin"}]

# Everybody gets what Grace plays but herself.
+1000 > text 7 42["session:event",{"type":"note","data":60}]
! send 7

# The host leaves; then a tab is closed.
+1000 > text 4 42["session:leave",{"roomCode":"{room 4}"}]
? send 5 42["session:host-changed",{"hostId":"{id 9}"}]
+1000 > closed 10
? send 5 42["session:user-left",{"userId":"{id 10}"}]

# Everybody is pinged in the order of connecting.
> deadline
? send 9 2

# The host stops.
+1000 > shutdown
? "session closed"
