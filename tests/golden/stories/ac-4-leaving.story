downbeat trace 2 {}
# AC 4. Bob leaves. The others get session:user-left, he gets nothing; then what Alice plays reaches
# Carol only.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> websocket 3
> text 3 40
> text 1 42["session:create",{"name":"Alice"}]
> text 2 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
> text 3 42["session:join",{"roomCode":"{room 1}","name":"Carol"}]

+1000 > text 2 42["session:leave",{"roomCode":"{room 1}"}]
? send 1 42["session:user-left",{"userId":"{id 2}"}]
? send 3 42["session:user-left",{"userId":"{id 2}"}]
? {"what":"session left","room":"{room 1}","user":"{id 2}"}
! send 2
! host-changed

+1000 > text 1 42["session:event",{"type":"note"}]
? send 3
! send 2
