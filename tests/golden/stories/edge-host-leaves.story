downbeat trace 2 {}
# The host leaves, and the session goes on: who has been there longest is host from then on.
# First Alice leaves by asking, then Bob by closing his tab.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> websocket 3
> text 3 40
> text 1 42["session:create",{"name":"Alice"}]
+10 > text 2 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
+10 > text 3 42["session:join",{"roomCode":"{room 1}","name":"Carol"}]

+1000 > text 1 42["session:leave",{"roomCode":"{room 1}"}]
? send 2 42["session:host-changed",{"hostId":"{id 2}"}]
? send 3 42["session:host-changed",{"hostId":"{id 2}"}]
? {"what":"host changed","room":"{room 1}","user":"{id 2}"}

# Alice comes back, and is not host.
+1000 > text 1 42["session:join",{"roomCode":"{room 1}","name":"Alice"}]
? "hostId":"{id 2}"

+1000 > closed 2
? send 3 42["session:host-changed",{"hostId":"{id 3}"}]
? send 1 42["session:host-changed",{"hostId":"{id 3}"}]

# When another participant leaves, the host stays.
+1000 > text 1 42["session:leave",{"roomCode":"{room 1}"}]
! host-changed
