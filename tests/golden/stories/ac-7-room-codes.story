downbeat trace 2 {}
# AC 7. Three sessions, three codes: a musical word, a hyphen, digits; ten characters at most. Bob
# need not mind case, space or hyphen.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> websocket 3
> text 3 40
> websocket 4
> text 4 40
> text 1 42["session:create",{"name":"Alice"}]
> text 2 42["session:create",{"name":"Carol"}]
> text 3 42["session:create",{"name":"Dave"}]

# As the server writes it, in lower case, without the hyphen, with space around it.
+1000 > text 4 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
? "session:joined",{"roomCode":"{room 1}"
+1000 > text 4 42["session:leave",{"roomCode":"{room 1 lower}"}]
? session:user-left
+1000 > text 4 42["session:join",{"roomCode":"{room 1 lower}","name":"Bob"}]
? "session:joined",{"roomCode":"{room 1}"
+1000 > text 4 42["session:join",{"roomCode":"{room 2 bare}","name":"Bob"}]
? "session:joined",{"roomCode":"{room 2}"
+1000 > text 4 42["session:join",{"roomCode":"  {room 3 lower}\t","name":"Bob"}]
? "session:joined",{"roomCode":"{room 3}"
