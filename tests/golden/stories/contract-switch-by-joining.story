downbeat trace 2 {}
# Bob is in Alice's session and joins Carol's. He leaves the first only once the second has
# succeeded: he gets session:joined, Carol user-joined, then Alice user-left.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> websocket 3
> text 3 40
> text 1 42["session:create",{"name":"Alice"}]
> text 3 42["session:create",{"name":"Carol"}]
> text 2 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]

+1000 > text 2 421["session:join",{"roomCode":"{room 3}","name":"Bob"}]
? send 2 42["session:joined",{"roomCode":"{room 3}"
? send 3 42["session:user-joined"
? send 1 42["session:user-left",{"userId":"{id 2}"}]
? 431[{"ok":true,"roomCode":"{room 3}"

# What he plays reaches Carol alone.
+1000 > text 2 42["session:event",{"type":"note"}]
? send 3
! send 1

# Alice joins too, and so leaves hers empty.
+1000 > text 1 42["session:join",{"roomCode":"{room 3}","name":"Alice"}]
? "session closed"
! host-changed
