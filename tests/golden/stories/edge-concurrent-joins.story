downbeat trace 2 {"maxParticipants":3}
# Bob, Carol and Dave join in the same millisecond, and there is room for two. They are taken in
# the order in which the host reads them: each list holds all who were there before, everybody
# learns of everybody, and the third is refused.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> websocket 3
> text 3 40
> websocket 4
> text 4 40
> text 1 42["session:create",{"name":"Alice"}]

+1000 > text 3 42["session:join",{"roomCode":"{room 1}","name":"Carol"}]
? send 3 42["session:joined"
> text 2 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
? [{"id":"{id 1}","name":"Alice","instrument":"unknown"},{"id":"{id 3}","name":"Carol","instrument":"unknown"},{"id":"{id 2}","name":"Bob","instrument":"unknown"}]
? send 3 42["session:user-joined"
> text 4 42["session:join",{"roomCode":"{room 1}","name":"Dave"}]
? session_full
! send 1
! send 2
! send 3
