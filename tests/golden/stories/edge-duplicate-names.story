downbeat trace 2 {}
# Two are called Sam, and play in the same session. Their ids differ.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> text 1 42["session:create",{"name":"Sam"}]
+100 > text 2 42["session:join",{"roomCode":"{room 1}","name":"Sam"}]
? [{"id":"{id 1}","name":"Sam","instrument":"unknown"},{"id":"{id 2}","name":"Sam","instrument":"unknown"}]
+100 > text 2 42["session:event",{"type":"note"}]
? send 1 42["session:event",{"userId":"{id 2}","type":"note"}]
+100 > text 2 42["session:leave",{"roomCode":"{room 1}"}]
? {"userId":"{id 2}"}
