downbeat trace 2 {}
# AC 6. A participant is {id, name, instrument}, in this order, in every event. The
# instrument is "unknown" unless the participant says otherwise.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> text 1 42["session:create",{"name":"Alice","instrument":"piano"}]
+10 > text 2 42["session:join",{"name":"Bob","roomCode":"{room 1}"}]
? "participants":[{"id":"{id 1}","name":"Alice","instrument":"piano"},{"id":"{id 2}","name":"Bob","instrument":"unknown"}]
? "session:user-joined",{"user":{"id":"{id 2}","name":"Bob","instrument":"unknown"}}
+10 > text 2 42["session:update",{"instrument":"drums"}]
? "session:user-updated",{"user":{"id":"{id 2}","name":"Bob","instrument":"drums"}}
