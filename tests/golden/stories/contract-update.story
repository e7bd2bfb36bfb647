downbeat trace 2 {}
# Bob changes his name, his instrument, both, and nothing. The others get user-updated each time;
# a later joined has the latest.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> text 1 42["session:create",{"name":"Alice"}]
> text 2 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
+100 > text 2 42["session:update",{"name":"Robert"}]
? send 1 42["session:user-updated",{"user":{"id":"{id 2}","name":"Robert","instrument":"unknown"}}]
? {"what":"participant updated","room":"{room 1}","user":"{id 2}","name":"Robert"}
! send 2
+100 > text 2 42["session:update",{"instrument":"tuba"}]
? "name":"Robert","instrument":"tuba"
+100 > text 2 42["session:update",{"name":"Bob 🎺","instrument":"trumpet"}]
? "name":"Bob 🎺","instrument":"trumpet"
+100 > text 2 42["session:update",{}]
? session:user-updated
> websocket 3
> text 3 40
> text 3 42["session:join",{"roomCode":"{room 1}","name":"Carol"}]
? {"id":"{id 2}","name":"Bob 🎺","instrument":"trumpet"}

# What cannot be: in no session, or not a name.
+100 > text 3 42["session:leave",{"roomCode":"{room 1}"}]
+100 > text 3 421["session:update",{"name":"Caroline"}]
? not_in_session
+100 > text 2 42["session:update",{"name":"   "}]
? name must be 1 to 32 characters
+100 > text 2 42["session:update",{"name":"fine","instrument":null}]
? instrument must be a string
! user-updated
