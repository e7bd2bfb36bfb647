downbeat trace 2 {}
# AC 2. Bob joins with the code that Alice gave him. He gets the participants, himself last, and the
# host's id; Alice gets session:user-joined. Carol, in another session, gets nothing.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> websocket 3
> text 3 40
+100 > text 1 42["session:create",{"name":"Alice"}]
+100 > text 3 42["session:create",{"name":"Carol"}]

+1000 > text 2 42["session:join",{"roomCode":"{room 1}","name":"Bob","instrument":"drums"}]
? send 2 42["session:joined",{"roomCode":"{room 1}","participants":[{"id":"{id 1}","name":"Alice","instrument":"unknown"},{"id":"{id 2}","name":"Bob","instrument":"drums"}],"userId":"{id 2}","hostId":"{id 1}"}]
? send 1 42["session:user-joined",{"user":{"id":"{id 2}","name":"Bob","instrument":"drums"}}]
? {"what":"session joined","room":"{room 1}","user":"{id 2}","name":"Bob"}
! send 3
