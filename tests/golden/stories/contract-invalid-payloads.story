downbeat trace 2 {}
# Requests are read strictly, and the answer says what is wrong. Every refusal is a line for the
# operator too.
> websocket 1
> text 1 40
> text 1 42["session:create"]
? payload must be an object
? {"what":"request refused","user":"{id 1}","name":"session:create","reason":"payload must be an object"}
> text 1 42["session:create",null]
? payload must be an object
> text 1 42["session:create",[{"name":"Alice"}]]
? payload must be an object
> text 1 42["session:create",{}]
? name is required
> text 1 42["session:create",{"name":7}]
? name must be a string
> text 1 42["session:create",{"name":"\ud83c"}]
? name must be valid Unicode
> text 1 42["session:create",{"name":" \u3000\u00a0 "}]
? name must be 1 to 32 characters
> text 1 42["session:create",{"name":"123456789012345678901234567890123"}]
? name must be 1 to 32 characters
> text 1 42["session:create",{"name":"a\u0007b"}]
? name must not contain control characters
> text 1 42["session:create",{"name":"Alice","instrument":""}]
? instrument must be 1 to 32 characters
> text 1 42["session:join",{"name":"Bob"}]
? roomCode is required
> text 1 42["session:join",{"roomCode":"","name":"Bob"}]
? roomCode must be 1 to 64 bytes
> text 1 42["session:join",{"roomCode":["A"],"name":"Bob"}]
? roomCode must be a string
> text 1 42["session:join",{"roomCode":"JAZZ-42"}]
? name is required
> text 1 42["session:leave",{}]
? roomCode is required
> text 1 42["session:leave"]
? payload must be an object
